-- The time of this server at the start of the batch.

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local now_microseconds = time[1] * 1000000 + time[2]
