// Helpers for the page's elements.
const one = (selector, within = document) => within.querySelector(selector);
const all = (selector, within = document) => [...within.querySelectorAll(selector)];

function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

// Joins sentences, of which some may be empty.
const sentences = (...some) => some.filter(Boolean).join(" ");

// The element that a link within the page leads to; null if there is none.
function targetOf(hash) {
  try {
    return document.getElementById(decodeURIComponent(hash.slice(1)));
  } catch {
    return null; // of what is no code, as in "#100%"
  }
}

// Whether the reader has asked for less motion.
const still = matchMedia("(prefers-reduced-motion: reduce)");
