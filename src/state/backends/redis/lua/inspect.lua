-- Describes what is at a key, for people, without its value.
-- KEYS: the key; for a map its fields that expire, for a lock or a semaphore the end of the wait of each owner in its queue.
-- Arguments: what it is, the maximum number of owners.
-- Returns the milliseconds after which it expires (-1 for never, -2 if there is none), its kind, its size or '', the number
-- of waiting owners or '', and then owners, or a field of a map that may be a set.

local key, what = KEYS[1], ARGV[1]
local ttl = redis.call('PTTL', key)
local later = '(' .. string.format('%.0f', now)

local describe = {}

function describe.data()
  local kind = redis.call('TYPE', key).ok
  if kind == 'string' then
    -- A user of Redis may lack the permission.
    local encoding = redis.pcall('OBJECT', 'ENCODING', key)
    return {ttl, encoding == 'int' and 'counter' or 'value', '', ''}
  elseif kind == 'zset' then
    return {ttl, 'leaderboard', redis.call('ZCARD', key), ''}
  elseif kind == 'hash' then
    local ended = redis.pcall('ZCOUNT', KEYS[2], '-inf', string.format('%.0f', now))
    local size = redis.call('HLEN', key) - (type(ended) == 'number' and ended or 0)
    local field = redis.pcall('HRANDFIELD', key)
    if type(field) == 'string' and redis.call('HSTRLEN', key, field) == 1 then
      return {ttl, 'map', size, '', field, redis.call('HGET', key, field)}
    end
    return {ttl, 'map', size, ''}
  end
  return {-2}
end

function describe.lock()
  local lock = redis.call('GET', key)
  local owner = lock and string.match(lock, '^%d+ %d+ (.+)$')
  local waiting = redis.call('ZCOUNT', KEYS[2], later, '+inf')
  return {ttl, 'lock', '', waiting, owner or nil}
end

function describe.permits()
  local owners = redis.call('ZRANGEBYSCORE', key, later, '+inf', 'LIMIT', 0, ARGV[2])
  local size = redis.call('ZCOUNT', key, later, '+inf')
  return {-1, 'semaphore', size, redis.call('ZCOUNT', KEYS[2], later, '+inf'), unpack(owners)}
end

function describe.cache()
  return {ttl, 'cache', redis.call('HLEN', key), ''}
end

-- Returns the number of hits, see rate-limits.lua; nothing if another program or an earlier version has written the text.
function describe.hits()
  local head = redis.call('GETRANGE', key, 0, 8)
  if #head < 9 or string.byte(head) ~= 1 then
    return {-2}
  end
  local _, total = struct.unpack('<Bd', head)
  return {ttl, 'rateLimit', total, ''}
end

-- Returns the number of hits of a throttler that have not expired; see throttlers.lua.
local function live_in(hits)
  local function at(i)
    return struct.unpack('<dd', hits, (i - 1) * 16 + 1)
  end
  local low, high = 1, #hits / 16 + 1
  local last = high - 1
  while low < high do
    local middle = math.floor((low + high) / 2)
    if at(middle) > now then
      high = middle
    else
      low = middle + 1
    end
  end
  if low > last then
    return 0
  end
  return select(2, at(last)) - (low > 1 and select(2, at(low - 1)) or 0)
end

local function throttle_size(text)
  local length = struct.unpack('<I4', text)
  local size = live_in(string.sub(text, 5 + length))
  for _, hits in pairs(cmsgpack.unpack(string.sub(text, 5, 4 + length))[5]) do
    size = size + live_in(hits)
  end
  return size
end

function describe.throttle()
  local is_read, size = pcall(throttle_size, redis.call('GET', key))
  return is_read and {ttl, 'throttler', size, ''} or {-2}
end

function describe.history()
  return {-1, 'history', redis.call('XLEN', key), ''}
end

if ttl == -2 then
  return {-2}
end
return describe[what]()
