local old = look(KEYS[1])
if not old then
    return false
end
local value = is_living(old) and redis.call('GET', KEYS[1])
erase(KEYS[1], old)
return value
