json(_, x, n)
set_tag(t, "tagged")
add_key(f, 1.5)
add_key(b, true)
