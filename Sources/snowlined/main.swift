print("snowlined")
