-- Streams, on which topic logs and groups are built. There is one for each topic. Its IDs are "<epoch>-<n>": n is 1, 2,
-- 3, … without holes. The epoch is the time of the first entry; another epoch begins if the server may have lost
-- entries. Entries contain a time, an event and the name of the server that appended it, and are only deleted from the
-- front.

-- The maximum bytes of one read, so that it does not block the server for too long.
local MAX_BYTES = 524288

-- The maximum number of entries in one command, because their sizes are not known.
local MAX_CHUNK = 16

-- The maximum bytes of an event in a reply, which has other parts, too.
local MAX_EVENT = MAX_RESULT - MAX_BYTES

local function number_of(offset)
  return tonumber(string.match(offset, '%-(%d+)$'))
end

local function epoch_of(offset)
  return tonumber(string.match(offset, '^(%d+)%-'))
end

-- Returns an offset plus `by`, in the same epoch.
local function moved(offset, by)
  return string.match(offset, '^%d+%-') .. string.format('%.0f', number_of(offset) + by)
end

-- Entries of other programs have neither a time nor an event.
local function time_of(entry)
  return entry[2][1] == 'at' and tonumber(entry[2][2]) or 0
end

-- Instead of an event that is too large to be read, returns "!large" with its size, so that it hides no other events.
local function event_of(entry)
  local event = entry[2][3] == 'event' and entry[2][4] or nil
  return event and #event > MAX_EVENT and '!large ' .. #event or event
end

local function oldest_of(key)
  return redis.call('XRANGE', key, '-', '+', 'COUNT', 1)[1]
end

local function newest_of(key)
  return redis.call('XREVRANGE', key, '+', '-', 'COUNT', 1)[1]
end

-- Returns a reply of alternating names and values as a table.
local function described(reply)
  local facts = {}
  for index = 1, #reply, 2 do
    facts[reply[index]] = reply[index + 1]
  end
  return facts
end

-- Returns an iterator over the entries of a stream after an offset, at most `count` at a time.
local function following(key)
  return function(after, count)
    return redis.call('XRANGE', key, moved(after, 1), '+', 'COUNT', count)
  end
end

-- Appends the offset and the event of each entry to a list, up to `count` events or MAX_BYTES. Returns the number of
-- entries that it has read, the offsets of those without an event, and the first offset. `next` is an iterator as
-- returned by following().
local function collect(list, count, after, next)
  local taken, bytes, chunk, foreign, seen, first = 0, 0, 1, {}, 0, nil
  while taken < count do
    local entries = next(after, math.min(chunk, count - taken))
    for _, entry in ipairs(entries) do
      local event = event_of(entry)
      bytes = bytes + #(event or '')
      if taken > 0 and bytes > MAX_BYTES then
        return seen, foreign, first
      end
      first = first or entry[1]
      if event then
        list[#list + 1] = entry[1]
        list[#list + 1] = event
        taken = taken + 1
      else
        foreign[#foreign + 1] = entry[1]
      end
      seen, after = seen + 1, entry[1]
    end
    if #entries == 0 then
      break
    end
    chunk = math.min(2 * chunk, MAX_CHUNK)
  end
  return seen, foreign, first
end
