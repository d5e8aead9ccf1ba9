-- Locks.
-- KEYS as in lock-queues.lua. The lock is "token lease owner", and expires with its lease.

-- Grants the lock to an owner. Returns the token.
local function grant(k, owner, lease)
  local token = next_token(k)
  redis.call('SET', KEYS[k], token .. ' ' .. lease .. ' ' .. owner, 'PX', lease)
  return token
end

local function hand_over(k, channels, claim)
  local owner = first_in_queue(k)
  if owner then
    leave_queue(k, owner)
    local token = grant(k, owner, claim)
    notify(channels, owner, token)
  end
end

-- Owner of a lock whose value this version has not written: the lock is not free.
local NOBODY = ''

-- Returns the token, the lease and the owner; nil if the lock is free.
local function holder_of(k)
  local lock = redis.call('GET', KEYS[k])
  if not lock then
    return nil
  end
  local token, lease, owner = string.match(lock, '^(%d+) (%d+) (.+)$')
  return token, lease, owner or NOBODY
end

-- Restarts the lease.
local function extend(k, token, owner, lease, former)
  local renewed = redis.call('PEXPIRE', KEYS[k], lease)
  if lease ~= former then
    -- A full server refuses only the first write of a script.
    redis.call('SET', KEYS[k], token .. ' ' .. lease .. ' ' .. owner, 'PX', lease)
  end
  return renewed
end

-- Returns the milliseconds until the lock may be free; at most the lease, also if the server's clock was set back.
local function left_of(k, lease)
  local left = redis.call('PTTL', KEYS[k])
  if left > tonumber(lease) then
    redis.call('PEXPIRE', KEYS[k], lease)
    return tonumber(lease)
  end
  return math.max(1, left)
end

-- Arguments: name, owner, lease, wait, prefix of the channels, milliseconds to claim a grant.
-- Returns 'token' and the token, or 'held' and the milliseconds until the lock may be free.
arguments.lockAcquire = 6
keys.lockAcquire = 5
function operations.lockAcquire(k, a)
  local name, owner, lease, wait = ARGV[a], ARGV[a + 1], ARGV[a + 2], tonumber(ARGV[a + 3])
  local token, former, holder = holder_of(k)
  if holder == NOBODY then
    return '!backend ' .. foreign(KEYS[k], 'lock')
  elseif not holder then
    local is_queued = redis.call('EXISTS', KEYS[k + 1]) == 1
    if is_queued and wait > 0 then
      enter_queue(k, owner, wait)
    end
    local first = is_queued and first_in_queue(k)
    if not first or first == owner then
      if is_queued then
        leave_queue(k, owner)
      end
      note(k, owner, name)
      return {'token', grant(k, owner, lease)}
    end
    hand_over(k, ARGV[a + 4], ARGV[a + 5])
    former = ARGV[a + 5]
  elseif holder == owner then
    extend(k, token, owner, lease, former)
    return {'token', token}
  elseif wait > 0 then
    enter_queue(k, owner, wait)
  end
  if wait > 0 then
    note(k, owner, name)
  end
  return {'held', left_of(k, former)}
end

-- Arguments: owner, lease. Returns 1 or 0.
arguments.lockRenew = 2
keys.lockRenew = 5
function operations.lockRenew(k, a)
  local token, former, holder = holder_of(k)
  if holder ~= ARGV[a] then
    return 0
  end
  redis.call('PEXPIRE', KEYS[k + 4], HELD_MILLISECONDS)
  return extend(k, token, holder, ARGV[a + 1], former)
end

-- Arguments: owner, prefix of the channels, milliseconds to claim a grant. Returns 1 or 0.
arguments.lockRelease = 3
keys.lockRelease = 5
function operations.lockRelease(k, a)
  local _, _, holder = holder_of(k)
  local is_queued = redis.call('EXISTS', KEYS[k + 1]) == 1
  if is_queued then
    leave_queue(k, ARGV[a])
  end
  redis.call('HDEL', KEYS[k + 4], ARGV[a])
  if holder == ARGV[a] then
    redis.call('DEL', KEYS[k])
  end
  if is_queued and (not holder or holder == ARGV[a]) then
    hand_over(k, ARGV[a + 1], ARGV[a + 2])
  end
  return holder == ARGV[a] and 1 or 0
end

-- KEYS: the client's owners and their locks. Returns owner, lock, owner, lock, …
arguments.lockHeld = 0
reads.lockHeld = true
function operations.lockHeld(k)
  return redis.call('HGETALL', KEYS[k])
end
