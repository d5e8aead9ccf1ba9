-- Leaderboards: sorted sets, highest score first. Scores are texts, so that no digit is lost.

-- Arguments: member, score. Returns 1 if the member is new, otherwise 0.
arguments.scoreSet = 2
function operations.scoreSet(k, a)
  return attempt(KEYS[k], 'ZADD', KEYS[k], ARGV[a + 1], ARGV[a])
end

-- Arguments: member, increment. Returns the new score.
arguments.scoreIncrement = 2
function operations.scoreIncrement(k, a)
  local key = KEYS[k]
  local before = attempt(key, 'ZSCORE', key, ARGV[a])
  if is_failure(before) then
    return before
  end
  local score = tonumber(before or '0') + tonumber(ARGV[a + 1])
  if score == math.huge or score == -math.huge then
    return '!range ' .. (before or '0')
  end
  return attempt(key, 'ZINCRBY', key, ARGV[a + 1], ARGV[a])
end

-- Arguments: member. Returns 1 or 0.
arguments.scoreRemove = 1
function operations.scoreRemove(k, a)
  return attempt(KEYS[k], 'ZREM', KEYS[k], ARGV[a])
end

-- Arguments: member. Returns the score, or false.
arguments.scoreGet = 1
reads.scoreGet = true
function operations.scoreGet(k, a)
  return attempt(KEYS[k], 'ZSCORE', KEYS[k], ARGV[a])
end

-- Arguments: member. Returns the number of members before it, or false.
arguments.scoreRank = 1
reads.scoreRank = true
function operations.scoreRank(k, a)
  return attempt(KEYS[k], 'ZREVRANK', KEYS[k], ARGV[a])
end

-- Arguments: count. Returns member, score, member, score, …
arguments.scoreTop = 1
reads.scoreTop = true
function operations.scoreTop(k, a)
  return attempt(KEYS[k], 'ZREVRANGE', KEYS[k], 0, ARGV[a] - 1, 'WITHSCORES')
end

arguments.scoreSize = 0
reads.scoreSize = true
function operations.scoreSize(k)
  return attempt(KEYS[k], 'ZCARD', KEYS[k])
end
