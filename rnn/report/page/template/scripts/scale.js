// The key of what is coloured by sign, right below it: from the colour of −most to that of +most.
function putScale(place, most) {
  let scale = place.nextElementSibling;
  if (!scale?.matches(".scale")) {
    const parts = ["", "ramp", ""].map((className) => make("span", { className }));
    scale = make("span", { className: "scale", ariaHidden: "true" }, ...parts);
    place.after(scale);
  }
  scale.firstChild.textContent = `−${most}`;
  scale.lastChild.textContent = `+${most}`;
}
