import reflex as rx
class WaitingState(rx.State):
    @rx.event
    async def load(self): ...
