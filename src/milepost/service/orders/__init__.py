"""What was ordered, of whom, and which device they wear. The shapes are ``milepost.orders``; here they live.

An order version's conditions are kept as the order file's own JSON (``milepost.orders.model.OrderVersion``), so
that the service, the command line and the engine read one and the same thing.
"""
