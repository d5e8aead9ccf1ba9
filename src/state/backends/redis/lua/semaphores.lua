-- Semaphores.
-- KEYS as in lock-queues.lua. The semaphore is a sorted set of the owners that hold a permit, by the end of their leases.

local function grant_permit(k, owner, lease)
  local token = next_token(k)
  redis.call('ZADD', KEYS[k], string.format('%.0f', now + lease), owner)
  if redis.call('PTTL', KEYS[k]) < tonumber(lease) then
    redis.call('PEXPIRE', KEYS[k], lease)
  end
  return token
end

-- Grants up to `count` free permits to the first owners in the queue.
local function hand_out(k, count, channels, claim)
  for _ = 1, count do
    local owner = first_in_queue(k)
    if not owner then
      return
    end
    leave_queue(k, owner)
    notify(channels, owner, grant_permit(k, owner, claim))
  end
end

local function end_leases(k)
  return redis.call('ZREMRANGEBYSCORE', KEYS[k], '-inf', now)
end

-- Arguments: name, owner, permits, lease, wait, prefix of the channels, milliseconds to claim a grant.
-- Returns 'token' and the token, or 'held' and the milliseconds until a permit may be free.
arguments.permitAcquire = 7
keys.permitAcquire = 5
function operations.permitAcquire(k, a)
  local name, owner, permits, lease = ARGV[a], ARGV[a + 1], tonumber(ARGV[a + 2]), ARGV[a + 3]
  local wait = tonumber(ARGV[a + 4])
  local ended = attempt(KEYS[k], 'ZREMRANGEBYSCORE', KEYS[k], '-inf', now)
  if is_failure(ended) then
    return '!backend ' .. foreign(KEYS[k], 'semaphore')
  end
  local is_granted = redis.call('ZSCORE', KEYS[k], owner)
  if not is_granted then
    if wait > 0 then
      enter_queue(k, owner, wait)
    else
      leave_queue(k, owner)
    end
    hand_out(k, permits - redis.call('ZCARD', KEYS[k]), ARGV[a + 5], ARGV[a + 6])
    if wait > 0 then
      is_granted = redis.call('ZSCORE', KEYS[k], owner)
    else
      is_granted = redis.call('ZCARD', KEYS[k]) < permits
    end
  end
  if is_granted or wait > 0 then
    note(k, owner, name)
  end
  if is_granted then
    leave_queue(k, owner)
    return {'token', grant_permit(k, owner, lease)}
  end
  local first = redis.call('ZRANGE', KEYS[k], 0, 0, 'WITHSCORES')[2]
  return {'held', math.max(1, first and first - now or 1)}
end

-- Arguments: owner, lease. Returns 1 or 0.
arguments.permitRenew = 2
keys.permitRenew = 5
function operations.permitRenew(k, a)
  local till = redis.call('ZSCORE', KEYS[k], ARGV[a])
  if not till or tonumber(till) <= now then
    return 0
  end
  local lease = tonumber(ARGV[a + 1])
  redis.call('PEXPIRE', KEYS[k + 4], HELD_MILLISECONDS)
  redis.call('ZADD', KEYS[k], string.format('%.0f', now + lease), ARGV[a])
  if redis.call('PTTL', KEYS[k]) < lease then
    redis.call('PEXPIRE', KEYS[k], lease)
  end
  return 1
end

-- Arguments: owner, permits or '' if the caller does not know them, prefix of the channels, milliseconds to claim a grant.
-- Returns 1 or 0.
arguments.permitRelease = 4
keys.permitRelease = 5
function operations.permitRelease(k, a)
  leave_queue(k, ARGV[a])
  redis.call('HDEL', KEYS[k + 4], ARGV[a])
  local ended = end_leases(k)
  local released = redis.call('ZREM', KEYS[k], ARGV[a])
  local free = ended + released
  if ARGV[a + 1] ~= '' then
    free = tonumber(ARGV[a + 1]) - redis.call('ZCARD', KEYS[k])
  end
  hand_out(k, free, ARGV[a + 2], ARGV[a + 3])
  return released
end
