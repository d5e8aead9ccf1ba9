-- Who takes part in the bus.
--
-- KEYS  1 a hash of members and what they tell of themselves, 2 a sorted set of members and when each is
--       over unless it is renewed, 3 the channel on which changes are told, 4 when anybody said anything
-- ARGV  1 what to do, 2 the command to publish with, 3 milliseconds that a member is good for,
--       4 the member, 5 what it tells of itself, 6 milliseconds of silence after which leases begin anew: when
--       nobody could renew them, nobody is gone for that
-- gives, for "list", the name of each and what it tells, by turns; otherwise 1, or 0 if what the member tells is not known as it is

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

-- A full server refuses a script's first write if that needs memory, and none after it. What the registry needs is
-- little, and without it members would be taken for dead.
redis.call('PEXPIRE', KEYS[4], 600000)

local beat = tonumber(redis.call('GET', KEYS[4]) or now) or now
-- After so long, whoever was there before has gone.
redis.call('SET', KEYS[4], now, 'PX', 600000)
-- A lease that ends later than any that could be given now was given before this clock was set back, or by nobody.
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

-- What has no lease was not told by a member, and would stay for ever.
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
