"""The federal register of medical workers (ФРМР) and of licences."""
