"""How the people of a clinic fulfil what is asked of them."""
