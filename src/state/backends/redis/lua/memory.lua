-- What a lane remembers of its last batch: its sequence, and what came of each operation that changed
-- something: "0000000000000007 results", or "0000000000000007=42" where it was
-- one increment.

-- An hour, and the ten minutes that may pass between two renewals.
local LANE_MILLISECONDS = '4200000'

local function recall(memory)
  local total = string.match(memory, '^%d+=(.*)$')
  if total then
    return {tonumber(total)}
  end
  return cmsgpack.unpack(string.match(memory, '^%d+ (.*)$'))
end
