// Helpers for the page's elements.
const one = (selector, within = document) => within.querySelector(selector);
const all = (selector, within = document) => [...within.querySelectorAll(selector)];

function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

// Whether the reader has asked for less motion.
const still = matchMedia("(prefers-reduced-motion: reduce)");
