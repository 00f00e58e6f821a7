-- Hash, value, hash, value, …
local owner, found = string.sub(KEYS[1], -32), {}
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', integer(now - MARGIN))
for _, hash in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
    local value = redis.call('GET', prefix .. 'e' .. hash)
    local header = value and parse(value)
    if not header or header.owner ~= owner then
        redis.call('ZREM', KEYS[1], hash)
    elseif is_living(header) then
        found[#found + 1] = hash
        found[#found + 1] = value
    end
end
return found
