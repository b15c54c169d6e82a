"""(written next)"""
