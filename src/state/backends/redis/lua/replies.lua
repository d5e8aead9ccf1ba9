-- Replies of operations.
--
-- An operation is called with the index of its first key in KEYS and of its first argument in ARGV. It returns a
-- value that clients can read directly, or false for nothing. If it was not applied, it returns "!type", "!integer",
-- "!range", "!full", "!backend" or, if it has undone what was applied, "!undone", and what it found.

local function not_a(key)
  return '!type ' .. redis.call('TYPE', key).ok
end

local function failed(reply)
  return type(reply) == 'table' and reply.err
end

-- Returns the reply for a failed command: "!full" if the server has no memory left.
local function refusal(why)
  local is_full = string.find(why, 'OOM command not allowed', 1, true)
  return (is_full and '!full ' or '!backend ') .. why
end

-- Returns the reply of a command, or the failure if the key has another type.
local function attempt(key, ...)
  local reply = redis.pcall(...)
  if failed(reply) then
    if string.find(reply.err, 'WRONGTYPE', 1, true) then
      return not_a(key)
    end
    return refusal(reply.err)
  end
  return reply
end

-- Returns the error text for an internal key with a value that this version has not written.
local function foreign(key, what)
  return 'the value at "' .. key .. '" is not a ' .. what .. ' of this version of nestjs-cluster'
end

local function is_failure(reply)
  return type(reply) == 'string' and string.byte(reply) == 33
end

-- Whole numbers as Redis reads them: without leading zeros, and without a negative zero.
local function is_whole(text)
  return text == '0' or string.find(text, '^-?[1-9]%d*$') ~= nil
end

-- Returns large integers as text: clients parse integers as floating-point numbers, digit by digit, which can change
-- the last digit.
local function exact(number)
  if number > 1e15 or number < -1e15 then
    return string.format('%.0f', number)
  end
  return number
end

-- By the name of an operation: its function, the number of its arguments, the number of its keys (default 1), and
-- whether it only reads, so that it is repeated instead of remembered.
local operations, arguments, keys, reads = {}, {}, {}, {}
