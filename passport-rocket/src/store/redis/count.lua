-- ARGV[4]: the value of a new counter, of which the version and the end are read. ARGV[5]: how much
-- to add.
local old = look(KEYS[1])
local count, value = 0, ARGV[4]
if is_living(old) then
    count = old.count
    value = string.sub(value, 1, 12) .. struct.pack('>I8', old.ends) .. string.sub(value, 21)
end
-- 2^53 - 1, the last number that is exact here. It stays there and does not begin anew.
count = math.min(count + tonumber(ARGV[5]), 9007199254740991)
write(KEYS[1], old, string.sub(value, 1, 20) .. struct.pack('>I8', count))
return count
