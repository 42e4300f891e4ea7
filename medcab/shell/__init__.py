"""The frame around every page: pure components, composed with states in medcab.routes and the features.

frame(title, body, *, path, sections, notices, organisation, search, bell, user), public_frame(title, body, *, lead,
foot, width), user_menu(name, role, *items), bell_button(unread, path), Section (a row of the navigation).
"""
