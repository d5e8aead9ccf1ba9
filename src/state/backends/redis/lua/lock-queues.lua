-- The queues of locks and semaphores.
-- KEYS of each operation: the lock or the semaphore; its queue, owners by time of arrival; the end of the wait of each
-- owner in the queue; the last token of the partition; the client's owners and what they hold or wait for.

local HELD_MILLISECONDS = 3600000

-- Longer than any owner waits without asking again. A later end of a wait dates from before the clock was set back.
local LONGEST_WAIT = 60000
local QUEUE_MILLISECONDS = 120000

-- Returns a token that is greater than all earlier ones of the partition.
local function next_token(k)
  local last = redis.call('GET', KEYS[k + 3]) or '0'
  if not is_whole(last) then
    error(foreign(KEYS[k + 3], 'token'), 0)
  end
  local token = math.max(tonumber(last) + 1, now_microseconds)
  token = string.format('%.0f', token)
  redis.call('SET', KEYS[k + 3], token)
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

local function notify(channels, owner, token)
  redis.call('PUBLISH', channels .. string.match(owner, '^(.*)%.%d+$'), owner .. ' ' .. token)
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
