-- The record of a lane's last batch: its sequence number and the results of its writing operations, "0000000000000007
-- results", or "0000000000000007=42" for a single operation with the result 42.

-- One hour, plus the ten minutes that may pass between two renewals.
local LANE_MILLISECONDS = '4200000'

local function recall(memory)
  local total = string.match(memory, '^%d+=(.*)$')
  if total then
    return {tonumber(total)}
  end
  return cmsgpack.unpack(string.match(memory, '^%d+ (.*)$'))
end
