-- The members of the bus.
--
-- KEYS     1 hash of members and their announced data, 2 sorted set of members by the end of their lease,
--          3 the channel for changes, 4 the time of the last call of any member, 5 the version of the hash: a number that
--          is greater after each change
-- ARGV     1 the action, 2 the command to publish with, 3 the lease of a member in milliseconds, 4 the member,
--          5 its announced data, 6 milliseconds without any call after which all leases restart, because no member
--          could renew its lease; for "list", 4 the version and 5 the number of the members that the caller knows,
--          and 7 the cursor of the page
-- Returns  for "list", a page of the names of the members and their data, alternating, and at the end the version and
--          the cursor of the next page: 0 if there is none, '' if the caller knows all members. Otherwise 1, or 0 if the
--          stored data of the member differs

local now = redis.call('TIME')
local now_microseconds = now[1] * 1000000 + now[2]
now = now[1] * 1000 + math.floor(now[2] / 1000)

local function set_version(version)
  version = string.format('%.0f', version)
  redis.call('SET', KEYS[5], version, 'PX', 600000)
  return version
end

-- A version that is not there any more must not come again, so the first one is the time.
local function get_version()
  local version = redis.call('GET', KEYS[5])
  return version and string.match(version, '^%d+$') or set_version(now_microseconds)
end

-- Tells all members a change: a property in JSON. With the versions, they notice if they have missed one.
local function tell(change)
  local before = get_version()
  local version = set_version(math.max(tonumber(before) + 1, now_microseconds))
  redis.call(ARGV[2], KEYS[3], '{"before":' .. before .. ',"version":' .. version .. ',' .. change .. '}')
end

local function remove(member)
  redis.call('ZREM', KEYS[2], member)
  if redis.call('HDEL', KEYS[1], member) == 1 then
    tell('"left":' .. cjson.encode(member))
    return 1
  end
  return 0
end

-- A full server refuses a script whose first write needs memory, but no later writes. The registry needs little
-- memory, and without it members would be considered dead. So the first write needs none.
redis.call('PEXPIRE', KEYS[4], 600000)
redis.call('PEXPIRE', KEYS[5], 600000)

local beat = tonumber(redis.call('GET', KEYS[4]) or now) or now
-- After this time, all earlier members have gone.
redis.call('SET', KEYS[4], now, 'PX', 600000)
-- A lease that ends later than a new one would was given before the clock was set back, or is invalid.
local longest = now + ARGV[3]
for _, member in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '(' .. longest, '+inf')) do
  redis.call('ZADD', KEYS[2], longest, member)
end
if now - beat > tonumber(ARGV[6]) then
  for _, member in ipairs(redis.call('ZRANGE', KEYS[2], 0, -1)) do
    redis.call('ZADD', KEYS[2], now + ARGV[3], member)
  end
end

-- All members hear of each one that is removed, and the server does nothing else meanwhile. If many die at the same
-- time, the next calls remove the others.
local budget = math.max(1, math.floor(20000 / math.max(1, redis.call('ZCARD', KEYS[2]))))
for _, member in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now, 'LIMIT', 0, budget + 1)) do
  if member ~= ARGV[4] and budget > 0 then
    remove(member)
    budget = budget - 1
  end
end

-- An entry without a lease was not stored by a member, and would stay forever.
if redis.call('HLEN', KEYS[1]) > redis.call('ZCARD', KEYS[2]) then
  for _, member in ipairs(redis.call('HKEYS', KEYS[1])) do
    if budget > 0 and not redis.call('ZSCORE', KEYS[2], member) then
      remove(member)
      budget = budget - 1
    end
  end
end

local what = ARGV[1]
if what == 'list' then
  local version = get_version()
  if version == ARGV[4] and redis.call('HLEN', KEYS[1]) == tonumber(ARGV[5]) then
    return {version, ''}
  end
  local page = redis.call('HSCAN', KEYS[1], ARGV[7], 'COUNT', 200)
  local entries = page[2]
  entries[#entries + 1] = version
  entries[#entries + 1] = page[1]
  return entries
end
if what == 'leave' then
  return remove(ARGV[4])
end
local is_stored = redis.call('HGET', KEYS[1], ARGV[4]) == ARGV[5]
if what == 'renew' and not is_stored then
  return 0
end
redis.call('ZADD', KEYS[2], now + ARGV[3], ARGV[4])
-- What is stored already was told when it was stored. Whoever has missed that reads the list.
if what == 'announce' and not is_stored then
  redis.call('HSET', KEYS[1], ARGV[4], ARGV[5])
  tell('"told":' .. ARGV[5])
end
return 1
