-- Histories: the events of topics that are kept; see streams.lua.

-- So many that are too old are dropped at once: an append must not wait for all of a long history.
local MAX_AGED = 100

local function last_generated(key)
  return described(redis.call('XINFO', 'STREAM', key))['last-generated-id']
end

-- The offset of the last entry, of one that somebody has deleted, too; '0-0' if there never was one
local function last_of(key)
  local newest = newest_of(key)
  if newest then
    return newest[1]
  elseif redis.call('EXISTS', key) == 0 then
    return '0-0'
  end
  return last_generated(key)
end

-- An event that is smaller than that is weighed together with those around it.
local LARGE = 16384
local WEIGHED_EVERY = 8
-- A large event makes the estimate of the others too low; each weighing is closer.
local MAX_WEIGHINGS = 10

-- Drops the oldest until a history takes no more than so many bytes. How many that takes is estimated by the
-- server, from a few entries; where its user may not ask, there is no such bound.
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

-- The last entry stays, for those who come late.
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

-- Whether the oldest have to go once another event of so many bytes is here.
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

-- event, how many are kept, milliseconds after which they are too old or '', how many bytes are kept or '',
-- PUBLISH or SPUBLISH, channel
-- gives the offset
arguments.append = 6
function operations.append(k, a)
  local key, event = KEYS[k], ARGV[a]
  local last = last_of(key)
  local time = string.format('%.0f', now)
  -- What has begun goes on, whatever the clock says.
  local offset = last == '0-0' and time .. '-1' or moved(last, 1)
  local keep, max_age, max_bytes = tonumber(ARGV[a + 1]), ARGV[a + 2], tonumber(ARGV[a + 3])
  local added = attempt(key, 'XADD', key, offset, 'at', time, 'event', event)
  if is_failure(added) and string.find(added, 'equal or smaller', 1, true) then
    -- The number was that of an event that nobody could be told of; this server gives no number twice.
    offset = moved(last_generated(key), 1)
    added = attempt(key, 'XADD', key, offset, 'at', time, 'event', event)
  end
  local is_full = is_failure(added) and string.find(added, '^!full')
  if is_full and makes_room(key, keep, max_age, max_bytes, #event) then
    -- A full server refuses a script's first write if that needs memory, and none after it: this one changes nothing,
    -- and the oldest make room once the event is stored and told.
    redis.call('XTRIM', key, 'MAXLEN', redis.call('XLEN', key))
    added = attempt(key, 'XADD', key, offset, 'at', time, 'event', event)
  end
  if is_failure(added) then
    return added
  end
  local kept = '{"kept":"' .. offset .. '","event":' .. event .. '}'
  local published = redis.pcall(ARGV[a + 4], ARGV[a + 5], kept)
  if failed(published) then
    -- What is said not to be applied must not be there, and its number not be missing. Redis 8 and Valkey refuse to
    -- give a number again: there, subscribers miss it once somebody may publish.
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

-- offset, how many at most; gives the newest offset, and offset, event, offset, event, …
arguments.history = 2
reads.history = true
function operations.history(k, a)
  local newest = newest_of(KEYS[k])
  local reply = {newest and newest[1] or '0-0'}
  collect(reply, tonumber(ARGV[a + 1]), ARGV[a], following(KEYS[k]))
  return reply
end

-- gives offset and event, or false
arguments.newest = 0
reads.newest = true
function operations.newest(k)
  local newest = newest_of(KEYS[k])
  return newest and {newest[1], event_of(newest) or ''} or false
end
