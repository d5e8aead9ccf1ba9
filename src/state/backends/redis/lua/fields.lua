-- Fields of maps that expire. KEYS: the map; its time to live, see lifetimes.lua; a sorted set of the fields that expire, by
-- the time at which they do.

-- Has a map without a time to live of its own expire with its last field, if all fields expire; and the set with the map.
local function expire_with_fields(k)
  local key, life, fields = KEYS[k], KEYS[k + 1], KEYS[k + 2]
  if redis.call('EXISTS', life) == 0 then
    local last = redis.call('ZREVRANGE', fields, 0, 0, 'WITHSCORES')[2]
    if last and redis.call('ZCARD', fields) == redis.call('HLEN', key) then
      redis.call('PEXPIREAT', key, last)
    else
      redis.call('PERSIST', key)
    end
  end
  local left = redis.call('PTTL', key)
  if left >= 0 then
    redis.call('PEXPIRE', fields, left)
  else
    redis.call('PERSIST', fields)
  end
end

-- Removes the fields that have expired. Returns whether there are fields that expire later.
local function remove_expired(k)
  local key, fields = KEYS[k], KEYS[k + 2]
  if redis.call('EXISTS', fields) == 0 then
    return false
  end
  -- The map has been deleted or has expired, and the fields are those of the earlier map.
  if redis.call('TYPE', key).ok ~= 'hash' then
    redis.call('DEL', fields)
    return false
  end
  local expired = redis.call('ZRANGEBYSCORE', fields, '-inf', now, 'LIMIT', 0, 1000)
  if not expired[1] then
    return true
  end
  repeat
    redis.call('HDEL', key, unpack(expired))
    redis.call('ZREM', fields, unpack(expired))
    expired = redis.call('ZRANGEBYSCORE', fields, '-inf', now, 'LIMIT', 0, 1000)
  until not expired[1]
  expire_with_fields(k)
  return redis.call('EXISTS', fields) == 1
end
