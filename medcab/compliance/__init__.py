"""«Соответствие требованиям»: what the law and the clinic ask of a worker, until when, and what to do (product C7)."""
