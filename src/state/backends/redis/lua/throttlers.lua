-- Throttlers, with the contract of @nestjs/throttler.
-- KEYS of each operation: a text that consists of
-- - the length of the head, in 4 bytes
-- - the head, a packed table: the end of the window, the end of the block, 1 while it is blocked, the name of the throttler
--   whose hits follow, the hits of other throttlers by name, and the longest time to live or block so far
-- - hits: two doubles for each time at which hits expire, in the order of these times: the time, and the number of hits
--   so far. It may begin with hits that have expired; an empty text counts from 0.
-- So hits are added by APPEND, and their number is found without reading them one by one.

-- A block is remembered for this long after its end, because its end resets the hits.
local AFTER_BLOCK_MILLISECONDS = 60000

local HIT_BYTES = 16

-- Hits that have expired are removed when there are so many of them.
local MAX_EXPIRED = 16

-- Returns the throttle at a key with the hits of a throttler, or a failure.
local function throttle_at(key, name, window_ends)
  local text = redis.pcall('GET', key)
  -- Not is_failure(): the length of the head can be the code of the character with which failures begin.
  if failed(text) then
    return attempt(key, 'GET', key)
  end
  if not text then
    return {
      window_ends = window_ends, block_ends = 0, is_blocked = false, longest = 0, others = {}, text = '', from = 0,
      is_changed = true,
    }
  end
  local is_read, length = pcall(struct.unpack, '<I4', text)
  local is_packed, head
  if is_read then
    is_packed, head = pcall(cmsgpack.unpack, string.sub(text, 5, 4 + length))
  end
  if not is_packed or type(head) ~= 'table' or type(head[5]) ~= 'table' then
    return '!backend ' .. foreign(key, 'throttle')
  end
  local throttle = {window_ends = head[1], block_ends = head[2], is_blocked = head[3] == 1, others = head[5]}
  -- Earlier versions have not stored it.
  throttle.longest = tonumber(head[6]) or 0
  if head[4] == name then
    throttle.text, throttle.from = text, 4 + length
  else
    throttle.others[head[4]] = string.sub(text, 5 + length)
    throttle.text, throttle.from, throttle.is_changed = throttle.others[name] or '', 0, true
    throttle.others[name] = nil
  end
  return throttle
end

-- Returns when the hits at an index expire, and the number of hits so far.
local function hits_at(throttle, i)
  return struct.unpack('<dd', throttle.text, throttle.from + (i - 1) * HIT_BYTES + 1)
end

local function last_index(throttle)
  return (#throttle.text - throttle.from) / HIT_BYTES
end

-- Returns the index of the first hits that expire after a time.
local function first_after(throttle, time)
  local low, high = 1, last_index(throttle) + 1
  while low < high do
    local middle = math.floor((low + high) / 2)
    if hits_at(throttle, middle) > time then
      high = middle
    else
      low = middle + 1
    end
  end
  return low
end

-- Bounds the times of a throttle. Without a step of the clock, none is later than the longest time from now; if the clock
-- was set back, clients would be refused for as long as the step.
local function bound_times(throttle, ttl, block)
  local longest = math.max(throttle.longest, ttl, block)
  local latest = now + longest
  if longest > throttle.longest or math.max(throttle.window_ends, throttle.block_ends) > latest then
    throttle.longest, throttle.is_changed = longest, true
    throttle.window_ends = math.min(throttle.window_ends, latest)
    throttle.block_ends = math.min(throttle.block_ends, latest)
  end
  local last = last_index(throttle)
  if last > 0 and hits_at(throttle, last) > latest then
    local _, total = hits_at(throttle, last)
    local ends = throttle.from + (first_after(throttle, latest) - 1) * HIT_BYTES
    throttle.text, throttle.is_changed = string.sub(throttle.text, 1, ends) .. struct.pack('<dd', latest, total), true
  end
end

local function forget_hits(throttle)
  throttle.text, throttle.from, throttle.is_changed = '', 0, true
  throttle.last_at, throttle.total = 0, 0
end

-- Returns the number of hits that have not expired, and the time at which the first of them expires. Notes when the last
-- one expires, and the number of hits so far.
local function live_hits(throttle)
  local last = last_index(throttle)
  if last == 0 then
    throttle.last_at, throttle.total = 0, 0
    return 0, nil
  end
  throttle.last_at, throttle.total = hits_at(throttle, last)
  if throttle.last_at <= now then
    forget_hits(throttle)
    return 0, nil
  end
  local next, expired = hits_at(throttle, 1), 0
  if next <= now then
    local first = first_after(throttle, now)
    next = hits_at(throttle, first)
    expired = select(2, hits_at(throttle, first - 1))
    if first > MAX_EXPIRED then
      -- The number of hits so far continues from the last one that has expired.
      throttle.from, throttle.is_changed = throttle.from + (first - 2) * HIT_BYTES, true
    end
  end
  return throttle.total - expired, next
end

local function add_hits(throttle, expires_at, count)
  if count == 0 then
    return
  end
  if throttle.last_at < expires_at then
    throttle.added, throttle.last_at = struct.pack('<dd', expires_at, throttle.total + count), expires_at
    return
  end
  -- They expire together with others, or before others that have a longer time to live.
  local i = first_after(throttle, expires_at)
  local before, from = 0, i
  if i > 1 then
    local at, so_far = hits_at(throttle, i - 1)
    before = so_far
    if at == expires_at then
      from = i - 1
    end
  end
  local parts = {
    string.sub(throttle.text, throttle.from + 1, throttle.from + (from - 1) * HIT_BYTES),
    struct.pack('<dd', expires_at, before + count),
  }
  for j = i, last_index(throttle) do
    local at, so_far = hits_at(throttle, j)
    parts[#parts + 1] = struct.pack('<dd', at, so_far + count)
  end
  throttle.text, throttle.from, throttle.is_changed = table.concat(parts), 0, true
end

local function last_expiry(hits)
  return hits == '' and 0 or struct.unpack('<d', hits, #hits - HIT_BYTES + 1)
end

-- Returns when a throttle says no more than a new one.
local function throttle_ends(throttle)
  local last = math.max(throttle.window_ends, throttle.last_at)
  if throttle.is_blocked then
    last = math.max(last, throttle.block_ends + AFTER_BLOCK_MILLISECONDS)
  end
  for _, hits in pairs(throttle.others) do
    last = math.max(last, math.min(last_expiry(hits), now + throttle.longest))
  end
  return last
end

-- Stores a throttle that has changed. Returns the reply of the last command, or its failure.
local function store_throttle(key, name, throttle)
  if not throttle.is_changed and not throttle.added then
    return true
  end
  local left = string.format('%.0f', math.max(1, throttle_ends(throttle) - now))
  if throttle.is_changed then
    local is_blocked = throttle.is_blocked and 1 or 0
    local head = cmsgpack.pack({
      throttle.window_ends, throttle.block_ends, is_blocked, name, throttle.others, throttle.longest,
    })
    local hits = string.sub(throttle.text, throttle.from + 1)
    local text = struct.pack('<I4', #head) .. head .. hits .. (throttle.added or '')
    return attempt(key, 'SET', key, text, 'PX', left)
  end
  local reply = attempt(key, 'APPEND', key, throttle.added)
  return is_failure(reply) and reply or attempt(key, 'PEXPIRE', key, left)
end

-- Arguments: throttler, count, time to live, limit, time to block or 0.
-- Returns the number of hits before; the index of the first hit that is refused; the milliseconds until the window ends
-- and those for which hits are refused; 1 if all of them are refused because of an earlier one, otherwise 0.
arguments.throttle = 5
function operations.throttle(k, a)
  local key, name = KEYS[k], ARGV[a]
  local count, ttl, limit, block = ARGV[a + 1] + 0, ARGV[a + 2] + 0, ARGV[a + 3] + 0, ARGV[a + 4] + 0
  local throttle = throttle_at(key, name, now + ttl)
  if is_failure(throttle) then
    return throttle
  end
  bound_times(throttle, ttl, block)
  local before, next = live_hits(throttle)
  if throttle.window_ends <= now then
    throttle.window_ends, throttle.is_changed = now + ttl, true
  end
  local first, blocked_for, is_blocked = nil, nil, 0
  if block <= 0 then
    first = math.max(0, limit - before)
    local counted = math.min(count, first)
    add_hits(throttle, now + ttl, counted)
    if counted > 0 then
      next = next and math.min(next, now + ttl) or now + ttl
    end
    blocked_for = (next or throttle.window_ends) - now
  elseif throttle.is_blocked and throttle.block_ends > now then
    first, blocked_for, is_blocked = 0, throttle.block_ends - now, 1
  else
    -- The first hit after a block is never refused.
    local least = 0
    if throttle.is_blocked then
      throttle.is_blocked, before, least = false, 0, 1
      forget_hits(throttle)
    end
    first = math.max(least, limit - before)
    add_hits(throttle, now + ttl, math.min(count, first + 1))
    if count > first then
      throttle.block_ends, throttle.is_blocked, throttle.is_changed = now + block, true, true
    end
    blocked_for = block
  end
  local reply = store_throttle(key, name, throttle)
  if is_failure(reply) then
    return reply
  end
  return {before, first, throttle.window_ends - now, blocked_for, is_blocked}
end
