-- Throttlers, with the contract of @nestjs/throttler.
-- KEYS of each operation: the packed table with the end of the window, the end of the block, 1 while it is blocked, and by
-- throttler a list of the times at which hits expire, each followed by their number.

-- A block is remembered for this long after its end, because its end resets the hits.
local AFTER_BLOCK_MILLISECONDS = 60000

-- Returns the throttle at a key, or a failure.
local function throttle_at(key, window_ends)
  local text = attempt(key, 'GET', key)
  if is_failure(text) then
    return text
  end
  if not text then
    return {window_ends, 0, 0, {}}
  end
  local is_packed, throttle = pcall(cmsgpack.unpack, text)
  if not is_packed or type(throttle) ~= 'table' or type(throttle[4]) ~= 'table' then
    return '!backend ' .. foreign(key, 'throttle')
  end
  return throttle
end

-- Returns the hits that have not expired, their number, and the time at which the first of them expires.
local function live_hits(hits)
  local live, total, next = {}, 0, nil
  for i = 1, #hits, 2 do
    if hits[i] > now then
      live[#live + 1] = hits[i]
      live[#live + 1] = hits[i + 1]
      total = total + hits[i + 1]
      next = next and math.min(next, hits[i]) or hits[i]
    end
  end
  return live, total, next
end

local function add_hits(hits, expires_at, count)
  if hits[#hits - 1] == expires_at then
    hits[#hits] = hits[#hits] + count
  elseif count > 0 then
    hits[#hits + 1] = expires_at
    hits[#hits + 1] = count
  end
end

-- Returns when a throttle says no more than a new one.
local function throttle_ends(throttle)
  local last = throttle[1]
  if throttle[3] == 1 then
    last = math.max(last, throttle[2] + AFTER_BLOCK_MILLISECONDS)
  end
  for _, hits in pairs(throttle[4]) do
    for i = 1, #hits, 2 do
      last = math.max(last, hits[i])
    end
  end
  return last
end

-- Arguments: throttler, count, time to live, limit, time to block or 0.
-- Returns the number of hits before; the index of the first hit that is refused; the milliseconds until the window ends
-- and those for which hits are refused; 1 if all of them are refused because of an earlier one, otherwise 0.
arguments.throttle = 5
function operations.throttle(k, a)
  local key, name = KEYS[k], ARGV[a]
  local count, ttl = tonumber(ARGV[a + 1]), tonumber(ARGV[a + 2])
  local limit, block = tonumber(ARGV[a + 3]), tonumber(ARGV[a + 4])
  local throttle = throttle_at(key, now + ttl)
  if is_failure(throttle) then
    return throttle
  end
  local hits, before, next = live_hits(throttle[4][name] or {})
  throttle[4][name] = hits
  if throttle[1] <= now then
    throttle[1] = now + ttl
  end
  local first, blocked_for
  if block <= 0 then
    first = math.max(0, limit - before)
    local counted = math.min(count, first)
    add_hits(hits, now + ttl, counted)
    if counted > 0 then
      next = next and math.min(next, now + ttl) or now + ttl
    end
    blocked_for = (next or throttle[1]) - now
  elseif throttle[3] == 1 and throttle[2] > now then
    return {before, 0, throttle[1] - now, throttle[2] - now, 1}
  else
    -- The first hit after a block is never refused.
    local least = 0
    if throttle[3] == 1 then
      throttle[3], hits, before, least = 0, {}, 0, 1
      throttle[4][name] = hits
    end
    first = math.max(least, limit - before)
    add_hits(hits, now + ttl, math.min(count, first + 1))
    if count > first then
      throttle[2], throttle[3] = now + block, 1
    end
    blocked_for = block
  end
  local left = math.max(1, throttle_ends(throttle) - now)
  local reply = attempt(key, 'SET', key, cmsgpack.pack(throttle), 'PX', string.format('%.0f', left))
  if is_failure(reply) then
    return reply
  end
  return {before, first, throttle[1] - now, blocked_for, 0}
end
