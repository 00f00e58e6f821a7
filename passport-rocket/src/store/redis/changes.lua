-- ARGV[4], ARGV[5]: life and number of the cursor, or nothing. Life, last number, whether it is
-- everything, and then hash, value, hash, value, …
--
-- A server that was started anew, or that took over, may have lost the last changes and give their
-- numbers once more. So each run of a server is a life.
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)') or ''
if redis.call('HGET', KEYS[1], 'run') ~= run then
    redis.call('HSET', KEYS[1], 'run', run, 'life', life)
end
forget()
local log = redis.call('HMGET', KEYS[1], 'life', 'last', 'forgotten')
local last, forgotten, since = tonumber(log[2] or 0), tonumber(log[3] or 0), tonumber(ARGV[5])
local is_known = ARGV[4] == log[1] and forgotten <= since and since <= last
local answer = { log[1], last, is_known and 0 or 1 }
local from = is_known and '(' .. integer(since) or '-inf'
for _, hash in ipairs(redis.call('ZRANGEBYSCORE', prefix .. 'changes', from, '+inf')) do
    answer[#answer + 1] = hash
    answer[#answer + 1] = redis.call('GET', prefix .. 'e' .. hash)
end
return answer
