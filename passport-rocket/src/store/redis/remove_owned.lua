-- ARGV[4]: the hash of what stays, or nothing. All are read before the first is deleted: should one
-- not be readable, nothing was.
local owner, theirs, living = string.sub(KEYS[1], -32), {}, 0
for _, hash in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
    local key = prefix .. 'e' .. hash
    local header = look(key)
    if header and header.owner == owner and hash ~= ARGV[4] then
        theirs[#theirs + 1] = { key = key, header = header }
        living = living + (is_living(header) and 1 or 0)
    end
end
for _, one in ipairs(theirs) do
    erase(one.key, one.header)
end
return living
