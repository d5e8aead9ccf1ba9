-- Remembers a batch of one operation with its record, see memory.lua.

if memory and ARGV[3] == '' then
  redis.call('SET', KEYS[1], ARGV[1] .. record, 'KEEPTTL')
else
  redis.call('SET', KEYS[1], ARGV[1] .. record, 'PX', '4200000')
end
return {time[1] * 1000 + time[2] / 1000, result}
