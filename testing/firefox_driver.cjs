// Loaded before Playwright's driver: lets it drive the Firefox that Debian has.
//
// Playwright sets the colour scheme of each new page by a command of WebDriver BiDi that Firefox 153
// does not know yet, and gives up where that fails: it asks for the session's status instead, which
// changes nothing. It has no touch for Firefox either: with FIREFOX_POINTER=touch its mouse is a finger.

const { readFileSync } = require("node:fs");
const { Module } = require("node:module");

const CHANGES = {
  '"emulation.setMediaFeaturesOverride"': '"session.status"',
  "Input.PointerType.Mouse": JSON.stringify(process.env.FIREFOX_POINTER),
};

const load = Module._extensions[".js"];
Module._extensions[".js"] = (module, file) => {
  if (!file.endsWith("/coreBundle.js")) return load(module, file);
  let source = readFileSync(file, "utf8");
  for (const [theirs, ours] of Object.entries(CHANGES)) source = source.replaceAll(theirs, ours);
  module._compile(source, file);
};
