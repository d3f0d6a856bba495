// A notice over the page, for what went wrong with a drawing that is no longer on the canvas.

/**
 * @param {string} text what is wrong, and what to do
 * @param {() => void} retry
 */
export function showNotice(text, retry) {
  const notice = document.getElementById("notice");
  const close = () => {
    notice.hidden = true;
  };
  document.getElementById("notice-words").textContent = text;
  document.getElementById("notice-close").onclick = close;
  document.getElementById("notice-retry").onclick = () => {
    close();
    retry();
  };
  notice.hidden = false;
}
