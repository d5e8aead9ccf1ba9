-- The members of the bus.
--
-- KEYS     1 hash of members and their announced data, 2 sorted set of members by the end of their lease,
--          3 the channel for changes, 4 the time of the last call of any member
-- ARGV     1 the action, 2 the command to publish with, 3 the lease of a member in milliseconds, 4 the member,
--          5 its announced data, 6 milliseconds without any call after which all leases restart, because no
--          member could renew its lease
-- Returns  for "list", the names of the members and their data, alternating; otherwise 1, or 0 if the stored data of
--          the member differs

local now = redis.call('TIME')
now = now[1] * 1000 + math.floor(now[2] / 1000)

local function tell(change)
  redis.call(ARGV[2], KEYS[3], change)
end

local function remove(member)
  redis.call('ZREM', KEYS[2], member)
  if redis.call('HDEL', KEYS[1], member) == 1 then
    tell('{"left":' .. cjson.encode(member) .. '}')
    return 1
  end
  return 0
end

-- A full server refuses a script whose first write needs memory, but no later writes. The registry needs little
-- memory, and without it members would be considered dead. So the first write needs none.
redis.call('PEXPIRE', KEYS[4], 600000)

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

for _, member in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now)) do
  if member ~= ARGV[4] then
    remove(member)
  end
end

-- An entry without a lease was not stored by a member, and would stay forever.
if redis.call('HLEN', KEYS[1]) > redis.call('ZCARD', KEYS[2]) then
  for _, member in ipairs(redis.call('HKEYS', KEYS[1])) do
    if not redis.call('ZSCORE', KEYS[2], member) then
      remove(member)
    end
  end
end

local what = ARGV[1]
if what == 'list' then
  return redis.call('HGETALL', KEYS[1])
end
if what == 'leave' then
  return remove(ARGV[4])
end
if what == 'renew' and redis.call('HGET', KEYS[1], ARGV[4]) ~= ARGV[5] then
  return 0
end
redis.call('ZADD', KEYS[2], now + ARGV[3], ARGV[4])
if what == 'announce' then
  redis.call('HSET', KEYS[1], ARGV[4], ARGV[5])
  tell('{"told":' .. ARGV[5] .. '}')
end
return 1
