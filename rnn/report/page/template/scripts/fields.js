// Reading the fields of a control.

// Each returns the value of a number field, or throws an error that says what it must be.
function wholeNumber(input) {
  const [low, high, value] = [Number(input.min), Number(input.max), input.valueAsNumber];
  if (Number.isInteger(value) && value >= low && value <= high) return value;
  const [from, to] = [low, high].map((n) => n.toLocaleString("en"));
  throw new RangeError(`${labelOf(input)} must be a whole number from ${from} to ${to}.`);
}

function positiveNumber(input) {
  const value = input.valueAsNumber;
  if (value > 0 && value <= Number(input.max)) return value;
  throw new RangeError(`${labelOf(input)} must be a number above 0 and at most ${Number(input.max).toLocaleString("en")}.`);
}

const labelOf = (input) => input.closest("label").firstChild.data.trim();

// Returns what is read from a field. What makes no sense is said, and the result is undefined.
function readField(input, read, say) {
  try {
    const value = read(input);
    input.removeAttribute("aria-invalid");
    return value;
  } catch (error) {
    return refuse(input, error, say);
  }
}

// The same for what takes longer than a frame may: `reading` is a generator.
function* readFieldSlowly(input, reading, say) {
  try {
    const value = yield* reading;
    input.removeAttribute("aria-invalid");
    return value;
  } catch (error) {
    return refuse(input, error, say);
  }
}

function refuse(input, error, say) {
  if (!(error instanceof RangeError)) throw error;
  say(error.message);
  input.setAttribute("aria-invalid", "true");
}

// Reads each file that is chosen, and calls `act` with the file and what was read, or the error. If
// another is chosen meanwhile, only the last one counts.
function onFile(input, read, act) {
  let latest = null;
  input.addEventListener("change", async () => {
    const [file] = input.files;
    if (!file) return;
    latest = file;
    const found = await read(file).catch((error) => error);
    if (file === latest) act(file, found);
  });
}
