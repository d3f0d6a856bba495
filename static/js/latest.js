// Only the newest request counts: answers to older ones are dropped, however late they come.

/**
 * Wrap a task so that starting it again, or cancelling it, drops the run before.
 * @template T
 * @param {(signal: AbortSignal, ...args: any[]) => Promise<T>} task
 * @returns {{run: (...args: any[]) => Promise<T | null>, cancel: () => void}} `run` gives null, and
 *   never fails, where it was overtaken
 */
export function latestOnly(task) {
  let sequence = 0;
  let controller = null;

  const cancel = () => {
    sequence += 1;
    controller?.abort();
    controller = null;
  };
  const run = async (...args) => {
    cancel();
    const mine = sequence;
    controller = new AbortController();
    try {
      const value = await task(controller.signal, ...args);
      return mine === sequence ? value : null;
    } catch (error) {
      if (mine !== sequence) return null;
      throw error;
    }
  };
  return { run, cancel };
}
