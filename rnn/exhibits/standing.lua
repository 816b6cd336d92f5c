-- Converts one text after another, as standing.py asks. Nothing of one is known to the next, and no
-- file is read: the second {} is all that there is of a file system.

while true do
  local reader, writer, prefix, length = (io.read("l") or ""):match("^(%S+)\t(%S+)\t(%S*)\t(%d+)$")
  if not reader then
    break
  end
  local source = length == "0" and "" or io.read(tonumber(length)) -- reading nothing would wait
  local done, made = pcall(function()
    local set = pandoc.WriterOptions {
      html_math_method = "mathml",
      wrap_text = "preserve",
      identifier_prefix = prefix,
      highlight_method = "none",
    }
    return pandoc.write(pandoc.read(source, reader, {}, {}), writer, set)
  end)
  io.write(done and #made or -1, "\n", done and made or "")
  io.flush()
end
