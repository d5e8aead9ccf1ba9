-- Locks.
-- KEYS of each operation: the lock, "token lease owner", which expires with its lease; its queue, owners by time of
-- arrival; the end of the wait of each owner in the queue; the last token of the partition; the client's owners and
-- their locks.

local HELD_MILLISECONDS = 3600000

-- Longer than any owner waits without asking again. A later end of a wait dates from before the clock was set back.
local LONGEST_WAIT = 60000
local QUEUE_MILLISECONDS = 120000

-- Grants the lock to an owner. Returns the token.
local function grant(k, owner, lease)
  local last = redis.call('GET', KEYS[k + 3]) or '0'
  if not is_whole(last) then
    error(foreign(KEYS[k + 3], 'token'), 0)
  end
  local token = math.max(tonumber(last) + 1, now_microseconds)
  token = string.format('%.0f', token)
  redis.call('SET', KEYS[k + 3], token)
  redis.call('SET', KEYS[k], token .. ' ' .. lease .. ' ' .. owner, 'PX', lease)
  return token
end

local function leave_queue(k, owner)
  redis.call('ZREM', KEYS[k + 1], owner)
  redis.call('ZREM', KEYS[k + 2], owner)
end

local function first_in_queue(k)
  for _, late in ipairs(redis.call('ZRANGEBYSCORE', KEYS[k + 2], '-inf', now)) do
    leave_queue(k, late)
  end
  for _, ahead in ipairs(redis.call('ZRANGEBYSCORE', KEYS[k + 2], now + LONGEST_WAIT, '+inf')) do
    leave_queue(k, ahead)
  end
  return redis.call('ZRANGE', KEYS[k + 1], 0, 0)[1]
end

local function hand_over(k, channels, claim)
  local owner = first_in_queue(k)
  if owner then
    leave_queue(k, owner)
    local token = grant(k, owner, claim)
    redis.call('PUBLISH', channels .. string.match(owner, '^(.*)%.%d+$'), owner .. ' ' .. token)
  end
end

-- Owners in one batch arrive at the same time; this keeps their order.
local arrivals = 0

local function enter_queue(k, owner, wait)
  arrivals = arrivals + 1
  redis.call('ZADD', KEYS[k + 1], 'NX', string.format('%.0f', now_microseconds + arrivals), owner)
  redis.call('ZADD', KEYS[k + 2], string.format('%.0f', now + wait), owner)
  redis.call('PEXPIRE', KEYS[k + 1], QUEUE_MILLISECONDS)
  redis.call('PEXPIRE', KEYS[k + 2], QUEUE_MILLISECONDS)
end

local function note(k, owner, name)
  redis.call('HSET', KEYS[k + 4], owner, name)
  redis.call('PEXPIRE', KEYS[k + 4], HELD_MILLISECONDS)
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
