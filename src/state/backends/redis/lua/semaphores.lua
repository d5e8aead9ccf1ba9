-- Semaphores.
-- KEYS as in lock-queues.lua, and a hash of "length end" of the leases of the owners that hold a permit, in milliseconds. The
-- semaphore is a sorted set of these owners by the end of their leases.

local function start_lease(k, owner, lease)
  local ends = string.format('%.0f', now + lease)
  redis.call('ZADD', KEYS[k], ends, owner)
  redis.call('HSET', KEYS[k + 5], owner, lease .. ' ' .. ends)
  for _, key in ipairs({KEYS[k], KEYS[k + 5]}) do
    if redis.call('PTTL', key) < tonumber(lease) then
      redis.call('PEXPIRE', key, lease)
    end
  end
end

local function grant_permit(k, owner, lease)
  local token = next_token(k)
  start_lease(k, owner, lease)
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
  for _, owner in ipairs(redis.call('ZRANGEBYSCORE', KEYS[k], '-inf', now)) do
    redis.call('HDEL', KEYS[k + 5], owner)
  end
  return redis.call('ZREMRANGEBYSCORE', KEYS[k], '-inf', now)
end

-- If the clock was set back, leases end too late: those that end later than a new one are started again. Earlier versions
-- renew a lease without storing its length.
local function bound_leases(k, lease)
  local found = redis.call('ZRANGEBYSCORE', KEYS[k], string.format('(%.0f', now + lease), '+inf', 'WITHSCORES')
  for i = 1, #found, 2 do
    local own, ends = string.match(redis.call('HGET', KEYS[k + 5], found[i]) or '', '^(%d+) (%d+)$')
    if own and tonumber(ends) == tonumber(found[i + 1]) and tonumber(ends) > now + own then
      start_lease(k, found[i], own)
    end
  end
end

-- Arguments: name, owner, permits, lease, wait, prefix of the channels, milliseconds to claim a grant.
-- Returns 'token' and the token, or 'held' and the milliseconds until a permit may be free.
arguments.permitAcquire = 7
keys.permitAcquire = 6
function operations.permitAcquire(k, a)
  local name, owner, permits, lease = ARGV[a], ARGV[a + 1], tonumber(ARGV[a + 2]), ARGV[a + 3]
  local wait = tonumber(ARGV[a + 4])
  if is_failure(attempt(KEYS[k], 'ZCARD', KEYS[k])) then
    return '!backend ' .. foreign(KEYS[k], 'semaphore')
  end
  end_leases(k)
  bound_leases(k, lease)
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
keys.permitRenew = 6
function operations.permitRenew(k, a)
  local till = redis.call('ZSCORE', KEYS[k], ARGV[a])
  if not till or tonumber(till) <= now then
    return 0
  end
  redis.call('PEXPIRE', KEYS[k + 4], HELD_MILLISECONDS)
  start_lease(k, ARGV[a], ARGV[a + 1])
  return 1
end

-- Arguments: owner, permits or '' if the caller does not know them, prefix of the channels, milliseconds to claim a grant.
-- Returns 1 or 0.
arguments.permitRelease = 4
keys.permitRelease = 6
function operations.permitRelease(k, a)
  leave_queue(k, ARGV[a])
  redis.call('HDEL', KEYS[k + 4], ARGV[a])
  local ended = end_leases(k)
  local released = redis.call('ZREM', KEYS[k], ARGV[a])
  redis.call('HDEL', KEYS[k + 5], ARGV[a])
  local free = ended + released
  if ARGV[a + 1] ~= '' then
    free = tonumber(ARGV[a + 1]) - redis.call('ZCARD', KEYS[k])
  end
  hand_out(k, free, ARGV[a + 2], ARGV[a + 3])
  return released
end
