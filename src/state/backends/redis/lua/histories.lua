-- Topic logs: the stored events of topics; see streams.lua.

-- The maximum number of expired events that one append deletes, so that it does not take too long.
local MAX_AGED = 100

local function last_generated(key)
  return described(redis.call('XINFO', 'STREAM', key))['last-generated-id']
end

-- Returns the offset of the last entry, even if that was deleted; '0-0' if there never was one.
local function last_of(key)
  local newest = newest_of(key)
  if newest then
    return newest[1]
  elseif redis.call('EXISTS', key) == 0 then
    return '0-0'
  end
  return last_generated(key)
end

-- After an event of at least this size, the size of the stream is checked at once; otherwise after every 8th event.
local LARGE = 16384
local WEIGHED_EVERY = 8
-- The estimate may be too low if events differ in size; each repetition is closer.
local MAX_WEIGHINGS = 10

-- Deletes the oldest events until the log takes at most `max_bytes`. The server estimates the size from a few
-- entries. If the Redis user may not run MEMORY USAGE, there is no such limit.
local function trim_bytes(key, max_bytes)
  for _ = 1, MAX_WEIGHINGS do
    local length = redis.call('XLEN', key)
    local usage = redis.pcall('MEMORY', 'USAGE', key)
    if length <= 1 or type(usage) ~= 'number' or usage <= max_bytes then
      return
    end
    local surplus = math.ceil(length * (usage - max_bytes) / usage)
    redis.call('XTRIM', key, 'MAXLEN', math.max(1, length - surplus))
  end
end

-- Deletes events beyond the limits. The last one always stays, for later subscribers.
local function trim(key, keep, max_age)
  redis.call('XTRIM', key, 'MAXLEN', math.max(1, keep))
  if max_age == '' then
    return
  end
  local length = redis.call('XLEN', key)
  for left = length - 1, math.max(1, length - MAX_AGED), -1 do
    if now - time_of(oldest_of(key)) <= tonumber(max_age) then
      break
    end
    redis.call('XTRIM', key, 'MAXLEN', left)
  end
end

-- Returns whether the oldest events will be deleted after an event of `bytes` is appended.
local function makes_room(key, keep, max_age, max_bytes, bytes)
  local length = redis.call('XLEN', key)
  if length == 0 then
    return false
  end
  local is_aged = max_age ~= '' and now - time_of(oldest_of(key)) > tonumber(max_age)
  if length >= keep or is_aged then
    return true
  end
  local usage = max_bytes and redis.pcall('MEMORY', 'USAGE', key)
  return type(usage) == 'number' and usage + bytes > max_bytes
end

-- Arguments: event, maximum number of events, maximum age in milliseconds or '', maximum bytes or '', PUBLISH or
-- SPUBLISH, channel
-- Returns the offset.
arguments.append = 6
function operations.append(k, a)
  local key, event = KEYS[k], ARGV[a]
  local last = last_of(key)
  local time = string.format('%.0f', now)
  -- An existing log continues its epoch, also if the clock was set back.
  local offset = last == '0-0' and time .. '-1' or moved(last, 1)
  local keep, max_age, max_bytes = tonumber(ARGV[a + 1]), ARGV[a + 2], tonumber(ARGV[a + 3])
  local added = attempt(key, 'XADD', key, offset, 'at', time, 'event', event)
  if is_failure(added) and string.find(added, 'equal or smaller', 1, true) then
    -- The number belonged to an event that could not be published; this server does not use a number twice.
    offset = moved(last_generated(key), 1)
    added = attempt(key, 'XADD', key, offset, 'at', time, 'event', event)
  end
  local is_full = is_failure(added) and string.find(added, '^!full')
  if is_full and makes_room(key, keep, max_age, max_bytes, #event) then
    -- A full server refuses a script whose first write needs memory, but no later writes. This first write changes
    -- nothing; the oldest events are deleted after the event is stored and published.
    redis.call('XTRIM', key, 'MAXLEN', redis.call('XLEN', key))
    added = attempt(key, 'XADD', key, offset, 'at', time, 'event', event)
  end
  if is_failure(added) then
    return added
  end
  local kept = '{"kept":"' .. offset .. '","event":' .. event .. '}'
  local published = redis.pcall(ARGV[a + 4], ARGV[a + 5], kept)
  if failed(published) then
    -- A refused event must not be stored, and its number must not be missing. Redis 8 and Valkey refuse to reuse the
    -- number; subscribers there see a gap of one event later.
    redis.call('XDEL', key, offset)
    redis.pcall('XSETID', key, last)
    return '!backend ' .. published.err
  end
  trim(key, keep, max_age)
  if max_bytes and (is_full or #event >= LARGE or number_of(offset) % WEIGHED_EVERY == 0) then
    trim_bytes(key, max_bytes)
  end
  return offset
end

-- Arguments: offset, maximum number. Returns the newest offset, and offset, event, offset, event, …
arguments.history = 2
reads.history = true
function operations.history(k, a)
  local newest = newest_of(KEYS[k])
  local reply = {newest and newest[1] or '0-0'}
  collect(reply, tonumber(ARGV[a + 1]), ARGV[a], following(KEYS[k]))
  return reply
end

-- Returns offset and event, or false.
arguments.newest = 0
reads.newest = true
function operations.newest(k)
  local newest = newest_of(KEYS[k])
  return newest and {newest[1], event_of(newest) or ''} or false
end
