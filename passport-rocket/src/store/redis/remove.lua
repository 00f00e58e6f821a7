local old = look(KEYS[1])
if not old then
    return 0
end
erase(KEYS[1], old)
return is_living(old) and 1 or 0
