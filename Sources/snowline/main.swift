print("snowline")
