// A figure as a file of its own, in the colours of the light theme: in a file there is no style sheet.
const INHERITED = { fill: "var(--ink)", "stroke-linejoin": "round", "stroke-linecap": "butt" };

function drawingFile(svg) {
  const drawing = svg.cloneNode(true), style = getComputedStyle(document.documentElement);
  const light = (_, name) => {
    const value = style.getPropertyValue(name).trim();
    return value.match(/^light-dark\(\s*([^,]+),/)?.[1] ?? value;
  };

  for (const [name, value] of Object.entries(INHERITED)) {
    if (!drawing.hasAttribute(name)) drawing.setAttribute(name, value);
  }
  for (const element of [drawing, ...all("*", drawing)]) {
    for (const attribute of element.attributes) {
      attribute.value = attribute.value.replace(/var\((--[\w-]+)\)/g, light);
    }
  }
  return `<?xml version="1.0" encoding="UTF-8"?>\n${new XMLSerializer().serializeToString(drawing)}\n`;
}
