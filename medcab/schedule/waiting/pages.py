import reflex as rx
def waiting_page() -> rx.Component: return rx.fragment()
