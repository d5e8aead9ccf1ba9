-- Rate limits: the hits that a window still counts.

-- A window is a list of "time times", the oldest first, beside the sum of its times.
-- KEYS: the list, the sum. count, limit, window, milliseconds of a step
-- gives how many were allowed, how much room is left, and the milliseconds until there is more
arguments.hit = 4
keys.hit = 2
function operations.hit(k, a)
  local list, sum = KEYS[k], KEYS[k + 1]
  local count, limit = tonumber(ARGV[a]), tonumber(ARGV[a + 1])
  local window, step = tonumber(ARGV[a + 2]), tonumber(ARGV[a + 3])
  local total = tonumber(attempt(sum, 'GET', sum) or '0') or 0
  local oldest = attempt(list, 'LINDEX', list, 0)
  if is_failure(oldest) then
    return oldest
  end
  local at, times
  while oldest do
    at, times = string.match(oldest, '^(%d+) (%d+)$')
    if at + window > now then
      break
    end
    redis.call('LPOP', list)
    total = total - times
    oldest = redis.call('LINDEX', list, 0)
  end
  local allowed = math.max(0, math.min(count, limit - total))
  if allowed > 0 then
    local stamp = string.format('%.0f', math.ceil(now / step) * step)
    local newest = oldest and redis.call('LINDEX', list, -1)
    local last_at, last_times
    if newest then
      last_at, last_times = string.match(newest, '^(%d+) (%d+)$')
    end
    if last_at == stamp then
      redis.call('LSET', list, -1, stamp .. ' ' .. (last_times + allowed))
    else
      local reply = attempt(list, 'RPUSH', list, stamp .. ' ' .. allowed)
      if is_failure(reply) then
        return reply
      end
    end
    at = oldest and at or stamp
    total = total + allowed
    local life = stamp + window - now
    redis.call('PEXPIRE', list, life)
    redis.call('SET', sum, total, 'PX', life)
  end
  return {allowed, math.max(0, limit - total), at and (oldest or allowed > 0) and at + window - now or 0}
end
