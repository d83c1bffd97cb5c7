"""The command as its users meet it: real processes, real files, nothing imported."""
