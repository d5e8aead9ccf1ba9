-- What histories and groups are made of: streams, one for each topic, whose ids are "<epoch>-<n>": the
-- time at which the stream began, and 1, 2, 3, … without holes. Entries, lists of time and event,
-- are dropped from the front alone.

-- More bytes at once would keep this server from everybody else for too long.
local MAX_BYTES = 524288

-- So many entries are looked at together, as nobody knows how large they are.
local MAX_CHUNK = 16

local function number_of(offset)
  return tonumber(string.match(offset, '%-(%d+)$'))
end

-- The offset so many after another one, of the same epoch
local function moved(offset, by)
  return string.match(offset, '^%d+%-') .. string.format('%.0f', number_of(offset) + by)
end

-- What others have added has neither of these.
local function time_of(entry)
  return entry[2][1] == 'at' and tonumber(entry[2][2]) or 0
end

local function event_of(entry)
  return entry[2][3] == 'event' and entry[2][4] or nil
end

local function oldest_of(key)
  return redis.call('XRANGE', key, '-', '+', 'COUNT', 1)[1]
end

local function newest_of(key)
  return redis.call('XREVRANGE', key, '+', '-', 'COUNT', 1)[1]
end

-- The names and values that a command describes something with
local function described(reply)
  local facts = {}
  for index = 1, #reply, 2 do
    facts[reply[index]] = reply[index + 1]
  end
  return facts
end

-- Gives some entries of a stream after an offset, no more than `count`.
local function following(key)
  return function(after, count)
    return redis.call('XRANGE', key, moved(after, 1), '+', 'COUNT', count)
  end
end

-- Adds offset and event of each entry to a list, until there are `count`, or as much as can be borne.
-- Returns how many entries it has gone through, the offsets of those that are no events, and the first offset; `next`
-- as the one above
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
