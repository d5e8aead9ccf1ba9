-- Topic logs: the stored events of topics; see streams.lua.

-- The maximum number of expired events that one append deletes, so that it does not take too long.
local MAX_AGED = 100

local function last_generated(key)
  return described(redis.call('XINFO', 'STREAM', key))['last-generated-id']
end

-- Returns the offset of the last entry, even if that was deleted; '0-0' if there never was one. Also returns the name
-- of the server that appended it, if it is known.
local function last_of(key)
  local newest = newest_of(key)
  if newest then
    return newest[1], newest[2][5] == 'on' and newest[2][6] or ''
  elseif redis.call('EXISTS', key) == 0 then
    return '0-0', ''
  end
  return last_generated(key), ''
end

-- Returns a name of this server. It changes at least when the server starts, and when a replica becomes the master: then
-- the log may lack events that it had. A change at another time does no harm. The name is '' if the Redis user may not
-- run INFO.
local server
local function server_name()
  if not server then
    local facts = redis.pcall('INFO', 'replication')
    local id = type(facts) == 'string' and string.match(facts, 'master_replid:(%x+)') or ''
    server = string.sub(id, 1, 12)
  end
  return server
end

-- Returns the offset that follows on the last one. If another server has appended that, a new epoch begins, so that no
-- offset of an event that this server has lost is used again. The numbers continue.
local function next_offset(last, appended_by)
  local time = string.format('%.0f', now)
  if last == '0-0' then
    return time .. '-1'
  end
  local here = server_name()
  if appended_by == '' or here == '' or appended_by == here then
    -- The same epoch, also if the clock was set back.
    return moved(last, 1)
  end
  return string.format('%.0f-%.0f', math.max(now, epoch_of(last) + 1), number_of(last) + 1)
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
  local last, appended_by = last_of(key)
  local offset = next_offset(last, appended_by)
  local function add()
    local time = string.format('%.0f', now)
    return attempt(key, 'XADD', key, offset, 'at', time, 'event', event, 'on', server_name())
  end
  local keep, max_age, max_bytes = tonumber(ARGV[a + 1]), ARGV[a + 2], tonumber(ARGV[a + 3])
  local added = add()
  if is_failure(added) and string.find(added, 'equal or smaller', 1, true) then
    -- The number belonged to an event that could not be published; this server does not use a number twice.
    offset = moved(last_generated(key), 1)
    added = add()
  end
  local is_full = is_failure(added) and string.find(added, '^!full')
  if is_full and makes_room(key, keep, max_age, max_bytes, #event) then
    -- A full server refuses a script whose first write needs memory, but no later writes. This first write changes
    -- nothing; the oldest events are deleted after the event is stored and published.
    redis.call('XTRIM', key, 'MAXLEN', redis.call('XLEN', key))
    added = add()
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
    return '!undone ' .. published.err
  end
  trim(key, keep, max_age)
  if max_bytes and (is_full or #event >= LARGE or number_of(offset) % WEIGHED_EVERY == 0) then
    trim_bytes(key, max_bytes)
  end
  return offset
end

-- Arguments: offset, maximum number. Returns the newest offset, whether the log has the event at the given offset (1 or
-- 0), and offset, event, offset, event, …
arguments.history = 2
reads.history = true
function operations.history(k, a)
  local newest = newest_of(KEYS[k])
  local follows = #redis.call('XRANGE', KEYS[k], ARGV[a], ARGV[a])
  local reply = {newest and newest[1] or '0-0', follows}
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
